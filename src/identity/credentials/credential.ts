/** What a good `Authorization` header proves; what it may do is decided by the guard. */
export type Credential =
  | { kind: 'session'; userId: string; sessionId: string }
  | { kind: 'api-key'; userId: string; keyId: string; organizationId: string; scopes: readonly string[] };
