import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { invalid } from '../../kernel/errors.js';
import { COMMON_PASSWORDS } from './common-passwords.js';

/** The library's number for Argon2id; its own enum exists at compile time only. */
const ARGON2ID_ALGORITHM = 2;

/** Argon2id at the floor that OWASP's password storage sheet sets: 19 MiB, two passes, one lane. */
const ARGON2ID = {
  algorithm: ARGON2ID_ALGORITHM,
  memoryCost: 19 * 1024,
  timeCost: 2,
  parallelism: 1,
} as const;

/** The same characters typed on another keyboard are the same password. */
const normalized = (password: string): string => password.normalize('NFKC');

/**
 * Refuses a password that a guesser would try first.
 * @throws AppError 422 at `/password`.
 */
export function assertUncommon(password: string, email: string): void {
  const lower = normalized(password).toLowerCase();
  if (COMMON_PASSWORDS.has(lower)) throw invalid('/password', 'is one of the most common passwords');
  if (lower === email) throw invalid('/password', 'must not be the email address');
}

/** Hashes and checks passwords. */
@Injectable()
export class Passwords {
  private dummyHash: Promise<string> | undefined;

  /** @returns an Argon2id hash in PHC string form, with its own salt. */
  hash(password: string): Promise<string> {
    return hash(normalized(password), ARGON2ID);
  }

  /** Whether `password` is the one hashed; where there is no hash, it takes as long to say no. */
  async matches(passwordHash: string | undefined, password: string): Promise<boolean> {
    this.dummyHash ??= this.hash('no account has this password');
    const matched = await verify(passwordHash ?? (await this.dummyHash), normalized(password));
    return matched && passwordHash !== undefined;
  }
}
