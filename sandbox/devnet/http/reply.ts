import { z } from 'zod';
import type { Context } from 'hono';
import { NisFailure } from '../wire/failure.ts';
import { jsonText, type Json } from './json.ts';
import type { NodeCore } from '../node.ts';

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  501: 'Not Implemented',
};

/** JsonSerializationPolicy ends each body with a line feed. */
export function reply(value: Json, status = 200): Response {
  return new Response(`${jsonText(value)}\r\n`, { status, headers: { 'content-type': 'application/json' } });
}

/** core ErrorResponse */
export function errorReply(node: NodeCore, status: number, message: string | null): Response {
  return reply({ timeStamp: node.now(), error: reasons[status] ?? null, message, status }, status);
}

/** What a handler threw, as ExceptionControllerAdvice answers it. */
export function failureReply(node: NodeCore, failure: Error): Response {
  if (!(failure instanceof NisFailure)) return errorReply(node, 500, failure.message);
  return errorReply(node, failure.status, failure.message === 'null' ? null : failure.message);
}

const Fields = z.record(z.string(), z.unknown());

/** The JSON object of a request to what is ours, read strictly; undefined where it is none. */
export async function ownBody(context: Context): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return Fields.safeParse(JSON.parse(await context.req.text())).data;
  } catch {
    return undefined;
  }
}
