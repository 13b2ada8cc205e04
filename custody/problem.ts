/** Problem: what is wrong with a request, which field, and what to do (RFC 9457). */
export interface Problem {
  readonly status: 400 | 401 | 404 | 409 | 413 | 415 | 422 | 500 | 503;
  /** A name for programs; it does not change. */
  readonly code: string;
  /** The field of the body or the header that is wrong; null where it is none. */
  readonly field: string | null;
  readonly detail: string;
}

/** An answer as it is sent, and as it is kept for a repetition. */
export interface Reply {
  readonly status: number;
  readonly body: object;
}

export function problem({ status, code, field, detail }: Problem): Reply {
  return {
    status,
    body: { type: `urn:kuramori:problem:${code}`, title: code.replaceAll('-', ' '), status, field, detail },
  };
}

export function malformed(field: string, detail: string): Reply {
  return problem({ status: 400, code: 'malformed', field, detail: `${field}: ${detail}` });
}

export function unknownWithdrawal(id: string): Reply {
  const detail = `id: no withdrawal is called ${id}`;
  return problem({ status: 404, code: 'unknown-withdrawal', field: 'id', detail });
}

/** Well formed, and not possible as things stand. */
export function unprocessable(code: string, field: string, detail: string): Reply {
  return problem({ status: 422, code, field, detail: `${field}: ${detail}` });
}
