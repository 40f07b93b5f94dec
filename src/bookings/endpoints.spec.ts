import { describe, expect, it } from '@jest/globals';
import { checkedEndpoints, isHost } from './endpoints.js';

describe('the host of an endpoint', () => {
  it.each(['203.0.113.10', '2001:db8::1', 'gpu-7.example.org', 'gpu7', 'example.org.'])(
    'may be %s',
    (host) => {
      expect(isHost(host)).toBe(true);
    },
  );

  it.each(['', '999.1.1.1', '-a.example', 'a b', 'http://a', 'a:22', 'a..b', 'fe80::1%eth0', 'a_b', '1.2.3'])(
    'may not be "%s"',
    (host) => {
      expect(isHost(host)).toBe(false);
    },
  );

  it('is named when it is wrong', () => {
    const good = { host: 'a.example', port: 22, user: 'root' };
    expect(() => checkedEndpoints([good, { ...good, host: 'no host' }])).toThrow(
      expect.objectContaining({ fields: [expect.objectContaining({ pointer: '/endpoints/1/host' })] }),
    );
  });
});
