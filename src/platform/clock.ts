import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';

/** What time it is. Services ask this and nothing else; tests put another one in its place. */
@Injectable()
export class Clock {
  private offsetMs = 0;

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  /**
   * Follows the database's clock, so that several instances agree and a wrong machine clock sells no expired hold.
   * Half the round trip is taken as the way back.
   */
  async synchronize(dataSource: DataSource): Promise<void> {
    const asked = Date.now();
    const [row] = await dataSource.query<[{ ms: string }]>(
      `select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms`,
    );
    const answered = Date.now();
    this.offsetMs = Number(row.ms) - (asked + answered) / 2;
  }
}
