import { Controller, Get, Header, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AppError } from '../../kernel/errors.js';
import { AppMetrics } from './metrics.js';
import { OpenRoute } from '../http/open-route.js';

/** Whether the process lives, whether it can serve, and its figures. */
@ApiExcludeController()
@Controller()
export class OpsController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly metrics: AppMetrics,
  ) {}

  /** Whoever opens the address finds the API's own page. */
  @Get()
  @OpenRoute()
  @Redirect('/docs', 302)
  home(): void {}

  @Get('health/live')
  @OpenRoute()
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @OpenRoute()
  async ready(): Promise<{ status: string }> {
    try {
      await this.dataSource.query('select 1');
    } catch (error) {
      throw new AppError(
        'unavailable',
        'not-ready',
        `The database does not answer: ${(error as Error).message}`,
      );
    }
    return { status: 'ok' };
  }

  @Get('metrics')
  @OpenRoute()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  metricsText(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
