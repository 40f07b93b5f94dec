import { describe, expect, it } from '@jest/globals';
import { checkedSchedule } from './policies.service.js';
import { DEFAULT_POLICY } from './policy.js';

describe('a refund schedule', () => {
  it('is kept with the longest notice first', () => {
    const { refundSchedule } = DEFAULT_POLICY;
    expect(checkedSchedule([...refundSchedule].reverse())).toEqual(refundSchedule);
  });

  it('may refund the same for different notice, but never less for longer notice', () => {
    const flat = [
      { noticeHours: 24, percent: 50 },
      { noticeHours: 0, percent: 50 },
    ];
    expect(checkedSchedule(flat)).toEqual(flat);
    const upside = [
      { noticeHours: 0, percent: 60 },
      { noticeHours: 24, percent: 50 },
    ];
    expect(() => checkedSchedule(upside)).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        fields: [expect.objectContaining({ pointer: '/refundSchedule/0/percent' })],
      }),
    );
  });

  it('names each notice once', () => {
    const twice = [
      { noticeHours: 24, percent: 50 },
      { noticeHours: 24, percent: 40 },
    ];
    expect(() => checkedSchedule(twice)).toThrow(
      expect.objectContaining({
        fields: [expect.objectContaining({ pointer: '/refundSchedule/1/noticeHours' })],
      }),
    );
  });
});
