/** What an organisation's member or API key may do. API keys carry a subset of these as scopes. */
export const PERMISSIONS = [
  'organization:read',
  'organization:write',
  'members:write',
  'api-keys:read',
  'api-keys:write',
  'sites:read',
  'sites:write',
  'listings:read',
  'listings:write',
  'requests:read',
  'requests:write',
  'bookings:read',
  'bookings:write',
  'deliveries:write',
  'wallet:read',
  'wallet:write',
  'payouts:read',
  'payouts:write',
  'reports:write',
  'webhooks:read',
  'webhooks:write',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** What an API key can never be given: by these it could outlive or widen its grant. */
const FOR_PEOPLE: readonly Permission[] = ['members:write', 'api-keys:write'];

/** The permissions that an API key may carry as scopes. */
export const KEY_SCOPES = PERMISSIONS.filter((permission) => !FOR_PEOPLE.includes(permission));

export const ROLES = ['owner', 'admin', 'member', 'billing', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const READ = PERMISSIONS.filter(
  (permission) => permission.endsWith(':read') && permission !== 'api-keys:read',
);
const WORK: readonly Permission[] = [
  'sites:write',
  'listings:write',
  'requests:write',
  'bookings:write',
  'deliveries:write',
  'reports:write',
];
const MONEY: readonly Permission[] = ['wallet:write', 'payouts:write'];

/** What each role of an organisation may do. Owners alone also name and remove owners. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(PERMISSIONS),
  admin: new Set(PERMISSIONS),
  member: new Set([...READ, ...WORK]),
  billing: new Set([...READ, ...MONEY, 'reports:write']),
  viewer: new Set(READ),
};
