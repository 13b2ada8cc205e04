/**
 * JSON-RPC, as nodes of Bitcoin's and Ethereum's families speak it. Every question goes as a batch, also a single one: a node
 * answers those alone with status 200 and each part's own error. What fails is told in one sentence that names the node and what
 * it was asked.
 */
import { z } from 'zod';
import { requestJson, type Bounds } from './http.ts';
import type { Read } from './watched.ts';

export interface Endpoint {
  /** http://host:port, without a user: that would stand in every message. */
  readonly url: string;
  /** `Basic …` */
  readonly authorization?: string | undefined;
}

export interface Question<S extends z.ZodType = z.ZodType> {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly result: S;
}

/** One question's answer: its result, or the node's own refusal. */
export type Answer<T> =
  | { readonly kind: 'read'; readonly value: T }
  | {
      readonly kind: 'refused';
      readonly code: number;
      readonly message: string;
      /** What stands beside the message: a contract's revert, say. */
      readonly data?: unknown;
    };

type Answers<Q extends readonly Question[]> = {
  readonly [At in keyof Q]: Answer<z.output<Q[At]['result']>>;
};

export interface Rpc {
  readonly url: string;
  /** All in one exchange, answered in their order; or none is. */
  readonly ask: <const Q extends readonly Question[]>(
    questions: Q,
    bounds?: Bounds,
  ) => Promise<Read<Answers<Q>>>;
  /** One question whose refusal is a failure like any other. */
  readonly one: <S extends z.ZodType>(
    method: string,
    params: readonly unknown[],
    result: S,
    bounds?: Bounds,
  ) => Promise<Read<z.output<S>>>;
}

const usual: Bounds = { timeoutMs: 10_000, maxBytes: 4 * 1024 * 1024 };

const Reply = z.strictObject({
  id: z.int().nonnegative(),
  jsonrpc: z.string().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() }).nullish(),
});

/**
 * Bitcoin's nodes read 1.0, in which every answer has an error, null where there is none; Ethereum's 2.0. Throws where the URL is
 * none, is of another scheme than http, or names a user.
 */
export function rpcTo({ url, authorization }: Endpoint, version: '1.0' | '2.0'): Rpc {
  const { protocol, username, password } = new URL(url);
  if (protocol !== 'http:' || username !== '' || password !== '')
    throw new RangeError('rpcTo: the URL of a node is http://host:port, and its user stands elsewhere');

  const ask = async <const Q extends readonly Question[]>(
    questions: Q,
    bounds: Bounds = usual,
  ): Promise<Read<Answers<Q>>> => {
    const methods = [...new Set(questions.map(({ method }) => method))].join(', ');
    const fail = (why: string): Read<never> => ({ kind: 'failed', detail: `${url} ${methods}: ${why}` });
    const asked = questions.map(({ method, params }, id) => ({ jsonrpc: version, id, method, params }));
    const reply = await requestJson({ url, authorization }, 'POST', '/', asked, bounds);
    if (reply.kind === 'unreachable') return fail(reply.detail);
    const read = z.array(Reply).safeParse(reply.body);
    if (reply.status !== 200 || !read.success)
      return fail(`answered out of form (status ${reply.status}): ${read.error?.issues[0]?.message ?? ''}`);
    const byId = new Map(read.data.map((one) => [one.id, one]));
    if (read.data.length !== questions.length || byId.size !== questions.length)
      return fail(
        `${questions.length} questions got ${read.data.length} answers, ${byId.size} of them different`,
      );
    const answers: Answer<unknown>[] = [];
    for (const [id, { method, result }] of questions.entries()) {
      const one = byId.get(id);
      if (!one) return fail(`question ${id} got no answer`);
      if (one.error) {
        answers.push({ kind: 'refused', ...one.error });
        continue;
      }
      const value = result.safeParse(one.result);
      if (!value.success) {
        const issue = value.error.issues[0];
        return fail(`${method} answered out of form: ${issue?.path.join('.')} ${issue?.message}`);
      }
      answers.push({ kind: 'read', value: value.data });
    }
    return { kind: 'read', value: answers as Answers<Q> };
  };

  return {
    url,
    ask,
    async one(method, params, result, bounds) {
      const read = await ask([{ method, params, result }], bounds);
      if (read.kind === 'failed') return read;
      const [answer] = read.value;
      return answer.kind === 'read'
        ? answer
        : { kind: 'failed', detail: `${url} ${method}: ${answer.code} ${answer.message}` };
    },
  };
}
