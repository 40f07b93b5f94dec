import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { JobRegistry } from '../platform/jobs/jobs.js';
import { RequestsService } from './requests.service.js';

const MATCHES_KEPT_MS = 7 * 24 * 3600 * 1000;
const BATCH = 10_000;

/** Tidies up: requests whose deadline has come too near expire, and matches long past their time go. */
@Injectable()
export class RequestsDueJob implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly jobs: JobRegistry,
    private readonly requests: RequestsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.add({
      name: 'matching:expire-requests',
      everySeconds: 60,
      run: () => this.requests.expireDue(),
    });
    this.jobs.add({ name: 'matching:forget-matches', everySeconds: 3600, run: () => this.forgetMatches() });
  }

  /** Deletes matches that nobody can book any more; a booking keeps lines of its own. */
  async forgetMatches(): Promise<void> {
    await this.dataSource.query(
      `delete from matches where (id, organization_id) in
         (select id, organization_id from matches where expires_at < $1 limit ${BATCH})`,
      [new Date(this.clock.now().getTime() - MATCHES_KEPT_MS)],
    );
  }
}
