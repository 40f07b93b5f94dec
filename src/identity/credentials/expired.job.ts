import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { JobRegistry } from '../../platform/jobs/jobs.js';

/** Deletes what time has ended: sessions none of whose tokens can be exchanged, and counts of past quotas. */
@Injectable()
export class ExpiredJob implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly jobs: JobRegistry,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.add({ name: 'identity:delete-expired', everySeconds: 3600, run: () => this.run() });
  }

  /** A session goes as a whole, so that a spent token is known as long as any of its family is good. */
  async run(): Promise<void> {
    const now = this.clock.now();
    await this.dataSource.query(
      `delete from refresh_tokens where family_id in
         (select family_id from refresh_tokens group by family_id having max(expires_at) <= $1)`,
      [now],
    );
    await this.dataSource.query(`delete from rate_limits where expire <= $1`, [now.getTime()]);
  }
}
