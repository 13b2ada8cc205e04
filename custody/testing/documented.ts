/** Whether an answer is one that the OpenAPI document tells of: every answer that a test sees goes through here. */
import type { z } from 'zod';
import { problemsOf, type Route } from '../api/route.ts';
import { routes } from '../api/routes.ts';
import { ProblemBody } from '../api/problem.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Throws where status, type, problem code or shape is not documented. Gives the answer. */
export async function mustBeDocumented(method: string, path: string, response: Response): Promise<Answer> {
  const { status, headers } = response;
  const body = (await response.json()) as Record<string, unknown>;
  const expected = status < 400 ? 'application/json' : 'application/problem+json';
  const where = `${method} ${path}: ${status} ${JSON.stringify(body)}`;
  if (headers.get('content-type') !== expected)
    throw new Error(`${where}: came as ${headers.get('content-type')}`);
  const route = routeOf(method, path);
  if (status < 400) {
    if (route?.answers.status !== status) throw new Error(`${where}: the status is not documented`);
    mustFit(route.answers.body, body, where);
  } else {
    mustFit(ProblemBody, body, where);
    const codes: readonly string[] = (route && problemsOf(route).get(status)) ?? (route ? [] : ['no-route']);
    // What is too long is told before anybody looks at the path.
    if (!codes.includes(String(body['code'])) && status !== 413)
      throw new Error(`${where}: the problem is not documented`);
    if ((headers.get('retry-after') !== null) !== (status === 429)) throw new Error(`${where}: Retry-After`);
  }
  return { status, body };
}

function routeOf(method: string, path: string): Route | undefined {
  const parts = path.split('?')[0]?.split('/') ?? [];
  return routes.find((route) => {
    const own = route.path.split('/');
    return (
      route.method === method &&
      own.length === parts.length &&
      own.every((part, index) => part.startsWith('{') || part === parts[index])
    );
  });
}

function mustFit(schema: z.ZodType, body: unknown, where: string): void {
  const read = schema.safeParse(body);
  if (!read.success)
    throw new Error(`${where}: ${read.error.issues[0]?.path.join('.')} ${read.error.message}`);
  const extra = namesNotIn(body, read.data);
  if (extra !== undefined) throw new Error(`${where}: ${extra} is not documented`);
}

/** The first name that reading has dropped: it stands in no schema. */
function namesNotIn(given: unknown, read: unknown, at = ''): string | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  for (const [name, value] of Object.entries(given)) {
    if (typeof read !== 'object' || read === null || !Object.hasOwn(read, name)) return `${at}${name}`;
    const inside = namesNotIn(value, (read as Record<string, unknown>)[name], `${at}${name}.`);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
