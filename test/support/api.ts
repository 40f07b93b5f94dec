import { randomUUID } from 'node:crypto';

export interface Answer<T = any> {
  status: number;
  headers: Headers;
  body: T;
}

export interface CallOptions {
  token?: string;
  organizationId?: string;
  /** An Idempotency-Key; a POST gets a fresh one by default, `null` sends none. */
  key?: string | null;
  headers?: Record<string, string>;
}

/** A client as a user would write it: real HTTP, JSON in and out. */
export class Api {
  constructor(
    readonly url: string,
    private readonly token?: string,
  ) {}

  /** The same server, as someone. */
  as(token: string): Api {
    return new Api(this.url, token);
  }

  async call<T = any>(
    method: string,
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<Answer<T>> {
    const token = options.token ?? this.token;
    const key = options.key === undefined && method === 'POST' ? randomUUID() : options.key;
    const isText = typeof body === 'string';
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': isText ? 'text/csv' : 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(key ? { 'idempotency-key': key } : {}),
        ...(options.organizationId ? { 'x-organization-id': options.organizationId } : {}),
        ...options.headers,
      },
      body: body === undefined ? undefined : isText ? (body as string) : JSON.stringify(body),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (json && text ? JSON.parse(text) : text) as T,
    };
  }

  get<T = any>(path: string, options?: CallOptions): Promise<Answer<T>> {
    return this.call<T>('GET', path, undefined, options);
  }

  post<T = any>(path: string, body?: unknown, options?: CallOptions): Promise<Answer<T>> {
    return this.call<T>('POST', path, body, options);
  }

  patch<T = any>(path: string, body?: unknown, options?: CallOptions): Promise<Answer<T>> {
    return this.call<T>('PATCH', path, body, options);
  }

  put<T = any>(path: string, body?: unknown, options?: CallOptions): Promise<Answer<T>> {
    return this.call<T>('PUT', path, body, options);
  }

  delete<T = any>(path: string, options?: CallOptions): Promise<Answer<T>> {
    return this.call<T>('DELETE', path, undefined, options);
  }
}
