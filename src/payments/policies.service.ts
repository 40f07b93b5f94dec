import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { invalid, notFound } from '../kernel/errors.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import { assertIfMatch } from '../platform/http/version.js';
import { Outbox } from '../platform/outbox/outbox.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import type { PolicyDto } from './policies.dto.js';
import { PolicyVersion } from './policy.entity.js';
import { DEFAULT_POLICY, type Policy, type PolicyBody, type RefundStep } from './policy.js';
import { type PolicyView, policyView } from './policies.view.js';

/** Two admins who decide at once decide one after the other. */
const POLICY_LOCK = 4_237_011;

/** The market's rules, by version: what it charges, what it refunds, how long a hold lasts. */
@Injectable()
export class PoliciesService {
  /** Versions never change, so a read one is kept. */
  private readonly known = new Map<number, PolicyVersion>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ReadyConfig,
  ) {}

  /** The policy in force. @param manager of the transaction one is in, so that no second connection is taken. */
  async current(manager: EntityManager = this.dataSource.manager): Promise<Policy> {
    return this.policyOf(await this.newest(manager));
  }

  /** The policy of a version, the one a booking names. @throws AppError 404 for one that never was. */
  async at(version: number, manager: EntityManager = this.dataSource.manager): Promise<Policy> {
    const known = this.known.get(version) ?? (await manager.findOneBy(PolicyVersion, { version }));
    if (!known) throw notFound('policy');
    this.known.set(version, known);
    return this.policyOf(known);
  }

  async view(): Promise<PolicyView> {
    const row = await this.newest(this.dataSource.manager);
    return policyView(row, this.policyOf(row));
  }

  /**
   * Puts a new version in force; bookings made before keep theirs.
   * @throws AppError 422 for a schedule that refunds less for longer notice; 412 when `ifMatch` is not the current one.
   */
  async replace(userId: string, ifMatch: string | undefined, dto: PolicyDto): Promise<PolicyView> {
    const body = bodyOf(dto);
    return this.transactions.run(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock($1)`, [POLICY_LOCK]);
      const { version } = await this.newest(tx);
      assertIfMatch(ifMatch, version);
      const row = tx.create(PolicyVersion, {
        version: version + 1,
        body,
        createdBy: userId,
        createdAt: this.clock.now(),
      });
      await tx.insert(PolicyVersion, row);
      await this.outbox.add(tx, {
        name: 'policy.changed',
        organizationIds: [],
        payload: { version: row.version, changedBy: userId, ...body },
      });
      return policyView(row, this.policyOf(row));
    });
  }

  /** The newest version; the first one who asks writes version 1 down. */
  private async newest(manager: EntityManager): Promise<PolicyVersion> {
    const find = (): Promise<PolicyVersion[]> =>
      manager.find(PolicyVersion, { order: { version: 'DESC' }, take: 1 });
    const [found] = await find();
    if (found) return found;
    await manager
      .createQueryBuilder()
      .insert()
      .into(PolicyVersion)
      .values({ version: 1, body: DEFAULT_POLICY, createdBy: null, createdAt: this.clock.now() })
      .orIgnore()
      .execute();
    const [made] = await find();
    if (!made) throw new Error('the first policy was written but cannot be read');
    return made;
  }

  private policyOf({ version, body }: PolicyVersion): Policy {
    return {
      ...body,
      version,
      holdSeconds: body.holdSeconds ?? this.config.holdSeconds,
      deliveryGraceSeconds: body.deliveryGraceSeconds ?? this.config.deliveryGraceSeconds,
    };
  }
}

function bodyOf(dto: PolicyDto): PolicyBody {
  return {
    feeBps: dto.feeBps,
    refundSchedule: checkedSchedule(dto.refundSchedule),
    terminationPercent: dto.terminationPercent,
    holdSeconds: dto.holdSeconds ?? null,
    deliveryGraceSeconds: dto.deliveryGraceSeconds ?? null,
  };
}

/** The schedule, longest notice first. @throws AppError 422 naming the step that is wrong. */
export function checkedSchedule(steps: readonly RefundStep[]): RefundStep[] {
  const indexed = steps.map(({ noticeHours, percent }, index) => ({ noticeHours, percent, index }));
  indexed.sort((a, b) => b.noticeHours - a.noticeHours || a.index - b.index);
  for (const [place, step] of indexed.entries()) {
    const longer = indexed[place - 1];
    if (!longer) continue;
    if (longer.noticeHours === step.noticeHours) {
      throw invalid(`/refundSchedule/${step.index}/noticeHours`, 'is already in the schedule');
    }
    if (step.percent > longer.percent) {
      throw invalid(`/refundSchedule/${step.index}/percent`, 'must not be more than a longer notice refunds');
    }
  }
  return indexed.map(({ noticeHours, percent }) => ({ noticeHours, percent }));
}
