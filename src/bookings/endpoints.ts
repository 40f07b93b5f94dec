import { isIP } from 'node:net';
import { invalid } from '../kernel/errors.js';
import type { Endpoint } from './booking.entity.js';

const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Whether `host` is a host name (RFC 1123, so its last label is not a number) or an IP address. */
export function isHost(host: string): boolean {
  if (isIP(host) !== 0) return !host.includes('%');
  const labels = host.replace(/\.$/, '').split('.');
  return labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1)!);
}

/** @throws AppError 422 naming the first endpoint whose host is neither a name nor an address. */
export function checkedEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  return endpoints.map(({ host, port, user }, index) => {
    if (!isHost(host)) throw invalid(`/endpoints/${index}/host`, 'must be a host name or an IP address');
    return { host, port, user };
  });
}
