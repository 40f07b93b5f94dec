import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { isRfc3339 } from '../../kernel/period.js';

/**
 * The field kinds of every request body and query, each one decorator that validates and documents at once.
 * `optional` admits absence, `nullable` admits an explicit null (which clears the field in a PATCH).
 */
export interface FieldOptions {
  optional?: boolean;
  nullable?: boolean;
  /** One line for the OpenAPI document. */
  about?: string;
  example?: unknown;
}

/** The largest whole number a PostgreSQL integer column holds. */
const MAX_INTEGER = 2_147_483_647;

function field(
  options: FieldOptions,
  schema: ApiPropertyOptions,
  ...rules: PropertyDecorator[]
): PropertyDecorator {
  const presence = ValidateIf(
    (_, value) => !(value === undefined && options.optional) && !(value === null && options.nullable),
  );
  return applyDecorators(
    presence,
    ApiProperty({
      ...schema,
      required: !options.optional,
      ...(options.nullable ? { nullable: true } : {}),
      ...(options.about ? { description: options.about } : {}),
      ...(options.example === undefined ? {} : { example: options.example }),
    } as ApiPropertyOptions),
    ...rules,
  );
}

/** PostgreSQL text cannot hold U+0000, and a lone surrogate is no character. */
const storableText = (): PropertyDecorator =>
  ValidateBy({
    name: 'storableText',
    validator: {
      validate: (value) => typeof value === 'string' && !/\0|[\ud800-\udfff]/u.test(value),
      defaultMessage: () => '$property must not contain null characters or broken Unicode',
    },
  }) as PropertyDecorator;

export const Text = (
  options: FieldOptions & { min?: number; max: number; pattern?: RegExp },
): PropertyDecorator =>
  field(
    options,
    { type: 'string', minLength: options.min ?? 1, maxLength: options.max },
    IsString(),
    MinLength(options.min ?? 1),
    MaxLength(options.max),
    storableText(),
    ...(options.pattern ? [Matches(options.pattern)] : []),
  );

export const WholeNumber = (options: FieldOptions & { min?: number; max?: number }): PropertyDecorator =>
  field(
    options,
    { type: 'integer', minimum: options.min ?? 0, maximum: options.max ?? MAX_INTEGER },
    IsInt(),
    Min(options.min ?? 0),
    Max(options.max ?? MAX_INTEGER),
  );

export const Decimal = (options: FieldOptions & { min: number; max: number }): PropertyDecorator =>
  field(
    options,
    { type: 'number', minimum: options.min, maximum: options.max },
    IsNumber(),
    Min(options.min),
    Max(options.max),
  );

export const Flag = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, { type: 'boolean' }, IsBoolean());

export const OneOf = (values: readonly string[], options: FieldOptions = {}): PropertyDecorator =>
  field(options, { type: 'string', enum: [...values] }, IsIn([...values]));

export const Uuid = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, { type: 'string', format: 'uuid' }, IsUUID());

/** An RFC 3339 instant; the service parses it with `parseMinute` or `new Date`. */
export const Instant = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: 'string', format: 'date-time' },
    ValidateBy({
      name: 'isRfc3339',
      validator: {
        validate: isRfc3339,
        defaultMessage: () => '$property must be an RFC 3339 time such as 2027-03-01T00:00:00Z',
      },
    }) as PropertyDecorator,
  );

export const CurrencyCode = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: 'string', pattern: '^[A-Z]{3}$', example: 'USD' },
    IsString(),
    Matches(/^[A-Z]{3}$/),
  );

/** A list of strings, each from `values` where given. */
export const TextList = (
  options: FieldOptions & { min?: number; max: number; values?: readonly string[]; maxLength?: number },
): PropertyDecorator => {
  const each = { each: true } as const;
  const rule = options.values
    ? [IsIn([...options.values], each)]
    : [IsString(each), MinLength(1, each), MaxLength(options.maxLength ?? 200, each), noBrokenItems()];
  const items = options.values ? { type: 'string', enum: [...options.values] } : { type: 'string' };
  return field(
    options,
    { type: 'array', items, minItems: options.min ?? 0, maxItems: options.max } as ApiPropertyOptions,
    IsArray(),
    ArrayMinSize(options.min ?? 0),
    ArrayMaxSize(options.max),
    ArrayUnique(),
    ...rule,
  );
};

const noBrokenItems = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'storableItems',
      validator: {
        validate: (value) => typeof value === 'string' && !/\0|[\ud800-\udfff]/u.test(value),
        defaultMessage: () => '$property must not contain null characters or broken Unicode',
      },
    },
    { each: true },
  ) as PropertyDecorator;

/** One nested object, validated by its own class. */
export const Nested = (type: () => new () => object, options: FieldOptions = {}): PropertyDecorator =>
  field(options, { type } as ApiPropertyOptions, IsObject(), ValidateNested(), Type(type));

/** A list of nested objects. */
export const NestedList = (
  type: () => new () => object,
  options: FieldOptions & { min?: number; max: number },
): PropertyDecorator =>
  field(
    options,
    { type: () => [type()], minItems: options.min ?? 0, maxItems: options.max } as ApiPropertyOptions,
    IsArray(),
    ArrayMinSize(options.min ?? 0),
    ArrayMaxSize(options.max),
    IsObject({ each: true }),
    ValidateNested({ each: true }),
    Type(type),
  );

/** In a query string all values are text: these turn them into what the field is before it is validated. */
export const fromQuery = {
  number: (): PropertyDecorator =>
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value,
    ),
  flag: (): PropertyDecorator =>
    Transform(({ value }: { value: unknown }) =>
      value === 'true' ? true : value === 'false' ? false : value,
    ),
  list: (): PropertyDecorator =>
    Transform(({ value }: { value: unknown }) =>
      value === undefined || Array.isArray(value) ? value : [value],
    ),
};

/** Money in a request: a decimal string and a currency. */
export class MoneyDto {
  @Text({ max: 24, pattern: /^-?\d{1,13}(\.\d{1,6})?$/, example: '2.150000' })
  amount: string;

  @CurrencyCode()
  currency: string;
}

/** The two parameters of every list. */
export class PageQuery {
  @fromQuery.number()
  @WholeNumber({ min: 1, max: 200, optional: true, about: 'page size, 50 by default' })
  limit?: number;

  @Text({ max: 1000, optional: true, about: 'nextCursor of the page before' })
  cursor?: string;
}
