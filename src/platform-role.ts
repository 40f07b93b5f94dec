import { DataSource } from 'typeorm';
import { applicationOptions } from './data-source.js';
import type { PlatformRole } from './identity/access.js';
import { setPlatformRole } from './identity/accounts/platform-role.js';
import { Clock } from './platform/clock.js';
import { readConfig } from './platform/config.js';
import { Outbox } from './platform/outbox/outbox.js';
import { StartupError } from './platform/startup-error.js';

const ROLES: Readonly<Record<string, PlatformRole | null>> = {
  admin: 'admin',
  moderator: 'moderator',
  none: null,
};

/** `npm run platform-role -- EMAIL admin|moderator|none`: gives or takes a person's role on the platform. */
async function main([email, word]: readonly string[]): Promise<string> {
  const role = word === undefined ? undefined : ROLES[word];
  if (!email || role === undefined) {
    throw new StartupError('Usage: npm run platform-role -- EMAIL admin|moderator|none');
  }
  const config = readConfig();
  if (config.databaseUrl === undefined)
    throw new StartupError('DATABASE_URL must be set to change a platform role.');
  const clock = new Clock();
  const dataSource = await new DataSource(applicationOptions(config.databaseUrl, config)).initialize();
  try {
    await clock.synchronize(dataSource);
    const user = await dataSource.transaction((tx) =>
      setPlatformRole(tx, { outbox: new Outbox(clock), now: clock.now() }, email, role),
    );
    if (!user) throw new StartupError(`There is no account with the email address ${email}.`);
    return `${user.email} now has the platform role ${role ?? 'none'}.`;
  } finally {
    await dataSource.destroy();
  }
}

try {
  process.stdout.write(`${await main(process.argv.slice(2))}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof StartupError ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
