import type { Context } from 'hono';
import { parseAddress, type Address } from '@kuramori/chains/nem/codec';
import { z } from 'zod';
import { broken, illegal, missing, mismatched, NisFailure } from '../wire/failure.ts';
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
export function errorReply(node: NodeCore, status: number, message: string): Response {
  const error = reasons[status] ?? null;
  return reply(
    { timeStamp: node.now(), error, message: message === 'null' ? null : message, status },
    status,
  );
}

/** What a handler threw, as ExceptionControllerAdvice answers it. */
export function failureReply(node: NodeCore, failure: Error): Response {
  return errorReply(node, failure instanceof NisFailure ? failure.status : 500, failure.message);
}

const Fields = z.record(z.string(), z.unknown());
export type Fields = z.infer<typeof Fields>;

/** The JSON object of a request. NIS's converters know application/json only, and throw at everything else. */
export async function bodyOf(context: Context): Promise<Fields> {
  const type = context.req.header('content-type') ?? '';
  if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw broken(
      `Content type '${type}' not supported`,
      'org.springframework.web.HttpMediaTypeNotSupportedException',
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(await context.req.text());
  } catch {
    throw illegal('JSON Object was expected');
  }
  const fields = Array.isArray(parsed) ? undefined : Fields.safeParse(parsed).data;
  if (fields === undefined) throw illegal('JSON Object was expected');
  return fields;
}

/** JsonDeserializer.readBytes, cut at 2,048 bytes as there. */
export function bytesField(fields: Fields, label: string): Uint8Array {
  const value = fields[label] ?? null;
  if (value === null) throw missing(label);
  if (typeof value !== 'string') throw broken('null', 'java.lang.ClassCastException');
  return hexBytes(value).subarray(0, 2_048);
}

/** HexEncoder.getBytes: an odd number of digits gets a 0 in front. */
export function hexBytes(text: string): Uint8Array {
  const padded = text.length % 2 === 0 ? text : `0${text}`;
  const bad = padded.search(/[^0-9a-fA-F]/);
  if (bad !== -1) {
    const cause = `Illegal hexadecimal character ${padded.charAt(bad)} at index ${bad}`;
    throw illegal(`org.apache.commons.codec.DecoderException: ${cause}`);
  }
  return Uint8Array.fromHex(padded);
}

/** BlockHeight */
export function heightField(fields: Fields): number {
  const value = fields['height'] ?? null;
  if (value === null) throw missing('height');
  if (typeof value !== 'number' || !Number.isInteger(value)) throw mismatched('height');
  if (value <= 0) throw illegal('height must be positive');
  return value;
}

/** AccountId: any case, but no hyphens. */
export function accountId(text: string | undefined, node: NodeCore): Address {
  if (text === undefined) throw illegal('encoded address cannot be null');
  const parsed = parseAddress(text.toUpperCase(), node.config.genesis.network);
  if (parsed.kind === 'refused') throw illegal('address must be valid');
  return parsed.address;
}
