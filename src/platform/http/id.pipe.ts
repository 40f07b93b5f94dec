import { Injectable, type PipeTransform } from '@nestjs/common';
import { notFound } from '../../kernel/errors.js';
import { UUID_PATTERN } from '../../kernel/id.js';

/**
 * The id in a path, in its canonical lower-case form: `@Param('id', new IdPipe('listing')) id: string`.
 * What is not a UUID names nothing: 404 of that noun.
 */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  constructor(private readonly noun: string) {}

  transform(value: string): string {
    if (typeof value !== 'string' || !UUID_PATTERN.test(value)) throw notFound(this.noun);
    return value.toLowerCase();
  }
}
