import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { AppError, type FieldError } from '../../kernel/errors.js';

const escapePointer = (property: string): string => property.replaceAll('~', '~0').replaceAll('/', '~1');

/** The wrong fields of a body, each with its JSON pointer. */
export function fieldErrors(errors: readonly ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap((error) => {
    const pointer = `${parent}/${escapePointer(error.property)}`;
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
      pointer,
      detail:
        rule === 'whitelistValidation'
          ? 'is not a known field'
          : message.replace(`${error.property} `, '').replace(/^each value in /, 'each value '),
    }));
    return [...own.slice(0, 1), ...fieldErrors(error.children ?? [], pointer)];
  });
}

/** Whitelisting validation of every body, query and path: unknown or wrong fields are a 422 that names them. */
export const validationPipe = (): ValidationPipe =>
  new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    transformOptions: { exposeUnsetFields: false },
    exceptionFactory: (errors) => {
      const fields = fieldErrors(errors);
      const first = fields[0];
      const detail = first ? `${first.pointer} ${first.detail}` : 'The request is not valid.';
      return new AppError('invalid', 'validation', detail, { fields });
    },
  });
