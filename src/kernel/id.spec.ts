import { describe, expect, it } from '@jest/globals';
import { PLATFORM_ORGANIZATION_ID, UUID_PATTERN, newId } from './id.js';

describe('ids', () => {
  it('are UUIDs of version 7 that sort in the order they were made', () => {
    const ids = Array.from({ length: 1000 }, newId);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("sort before the platform's own organisation", () => {
    expect(PLATFORM_ORGANIZATION_ID).toMatch(UUID_PATTERN);
    expect(newId() < PLATFORM_ORGANIZATION_ID).toBe(true);
  });

  it.each(['', 'x', `${newId()}0`, newId().replaceAll('-', ''), `{${newId()}}`])(
    'does not take %j for one',
    (text) => {
      expect(UUID_PATTERN.test(text)).toBe(false);
    },
  );
});
