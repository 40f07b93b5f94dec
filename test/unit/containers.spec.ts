import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DockerfileParser } from 'dockerfile-ast';
import { parse } from 'yaml';
import { readConfig } from '../../src/platform/config.js';

interface Service {
  environment: Record<string, string>;
  healthcheck: { test: string | string[] };
  depends_on?: Record<string, { condition: string }>;
  build?: string;
  volumes?: string[];
}

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('docker-compose.yml', () => {
  const compose = parse(read('docker-compose.yml'), { strict: true, uniqueKeys: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };

  it('runs the market and its PostgreSQL, both with health checks', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['fallow', 'postgres']);
    for (const service of Object.values(compose.services))
      expect(service.healthcheck.test.length).toBeGreaterThan(0);
    expect(compose.services.fallow!.depends_on!.postgres!.condition).toBe('service_healthy');
    expect(Object.keys(compose.volumes)).toContain(compose.services.postgres!.volumes![0]!.split(':')[0]);
  });

  it('gives the market settings that it accepts in production', () => {
    const settings = Object.fromEntries(
      Object.entries(compose.services.fallow!.environment).map(([name, value]) => [
        name,
        value.replace(/\$\{(\w+)[^}]*\}/g, (_, variable: string) => `${variable}-${'x'.repeat(40)}`),
      ]),
    );
    const config = readConfig({ NODE_ENV: 'production', ...settings });
    expect(config.production).toBe(true);
    expect(config.databaseUrl).toContain('@postgres:5432/fallow');
  });
});

describe('Dockerfile', () => {
  const file = DockerfileParser.parse(read('Dockerfile'));
  const instructions = file.getInstructions();

  it('builds in stages and runs as an unprivileged user', () => {
    expect(file.getFROMs()).toHaveLength(3);
    const users = instructions.filter((instruction) => instruction.getKeyword() === 'USER');
    expect(users.at(-1)?.getArguments()[0]?.getValue()).toBe('node');
  });

  it('copies only from stages that exist', () => {
    const stages = file.getFROMs().map((from) => from.getBuildStage());
    const sources = file.getCOPYs().flatMap((copy) => copy.getFlags().map((flag) => flag.getValue()));
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(stages).toContain(source);
  });

  it('has a health check and starts the server itself, so that signals reach it', () => {
    expect(instructions.some((instruction) => instruction.getKeyword() === 'HEALTHCHECK')).toBe(true);
    const start = instructions.find((instruction) => instruction.getKeyword() === 'CMD');
    expect(start?.getArgumentsContent()).toBe('["node", "dist/src/main.js"]');
  });
});
