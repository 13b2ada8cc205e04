import type { Context } from 'hono';
import { parseAddress, type Address } from '@kuramori/chains/nem/codec';
import { broken, illegal, missing, mismatched, miscast } from '../wire/failure.ts';
import type { NodeCore } from '../node.ts';
import { readLeniently } from './lenient-json.ts';

export type Fields = Readonly<Record<string, unknown>>;

/**
 * The JSON object of a request. NIS's converters know application/json only. `handler` is the Java method that
 * would have got the body, which Spring names when there is none (RequestResponseBodyMethodProcessor).
 */
export async function bodyOf(context: Context, handler: string): Promise<Fields> {
  const type = context.req.header('content-type');
  const text = await context.req.text();
  const isJson = type?.split(';')[0]?.trim().toLowerCase() === 'application/json';
  if (text === '' && (isJson || type === undefined)) {
    throw broken(
      `Required request body is missing: public ${handler}`,
      'org.springframework.http.converter.HttpMessageNotReadableException',
    );
  }
  if (!isJson) {
    throw broken(
      `Content type '${type ?? 'application/octet-stream'}' not supported`,
      'org.springframework.web.HttpMediaTypeNotSupportedException',
    );
  }
  const value = readLeniently(text);
  if (!isObject(value)) throw illegal('JSON Object was expected');
  return value;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JsonDeserializer.readBytes, cut at 2,048 bytes as there. */
export function bytesField(fields: Fields, label: string): Uint8Array {
  const value = optionalText(fields, label);
  if (value === undefined) throw missing(label);
  return hexBytes(value).subarray(0, 2_048);
}

function optionalText(fields: Fields, label: string): string | undefined {
  const value = fields[label] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw miscast(value, 'java.lang.String');
}

/** The addresses of `{"data": [{"account": …}]}` (DeserializableList of AccountId). */
export function accountsField({ data }: Fields, node: NodeCore): readonly Address[] {
  if (data === undefined || data === null) throw missing('data');
  if (!Array.isArray(data)) throw miscast(data, 'net.minidev.json.JSONArray');
  const accounts = data.map((entry: unknown) => {
    if (entry === null) throw broken('null', 'java.lang.NullPointerException');
    if (!isObject(entry)) throw miscast(entry, 'net.minidev.json.JSONObject');
    if (Object.keys(entry).length === 0) return undefined;
    const text = optionalText(entry, 'account')?.slice(0, 128);
    if (text === undefined || text.trim() === '') throw missing('account');
    return accountId(text, node);
  });
  // An empty object is read as no object, which is found out only after all have been read.
  return accounts.map((account) => {
    if (account === undefined) throw broken('null', 'java.lang.NullPointerException');
    return account;
  });
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

/** Hash.fromHexString and PublicKey.fromHexString, whose CryptoException is a 500. */
export function hexParameter(text: string | undefined): Uint8Array {
  if (text === undefined) throw broken('null', 'java.lang.NullPointerException');
  try {
    return hexBytes(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : '';
    throw broken(`java.lang.IllegalArgumentException: ${message}`, 'org.nem.core.crypto.CryptoException');
  }
}

const maxLong = 2n ** 63n - 1n;

/** BlockHeight: a Java Integer or Long, so neither 5.0 nor "5". */
export function heightField(fields: Fields): number {
  const value = fields['height'] ?? undefined;
  if (value === undefined) throw missing('height');
  if (typeof value !== 'bigint' || value > maxLong || value < -maxLong - 1n) throw mismatched('height');
  if (value <= 0n) throw illegal('height must be positive');
  return Number(value);
}

/** A parameter of the query; Spring joins one that is there twice. */
export function parameter(context: Context, name: string): string | undefined {
  return context.req.queries(name)?.join(',');
}

/** AccountId: any case, but no hyphens. */
export function accountId(text: string | undefined, node: NodeCore): Address {
  if (text === undefined) throw illegal('encoded address cannot be null');
  const parsed = parseAddress(text.toUpperCase(), node.config.genesis.network);
  if (parsed.kind === 'refused') throw illegal('address must be valid');
  return parsed.address;
}

export interface Page {
  /** Rows have lower ids than this. */
  readonly before: bigint | undefined;
  readonly size: number;
}

/** DefaultPage: 25 unless asked, 5 to 100 whatever is asked. */
export function pageOf(context: Context): Page {
  const id = parameter(context, 'id');
  const before = id === undefined ? undefined : javaNumber(id, maxLong);
  const asked = parameter(context, 'pageSize');
  if (asked === undefined) return { before, size: 25 };
  // Short.parseShort reads an int first.
  const size = javaNumber(asked, 0x7fff_ffffn);
  if (size < -32_768n || size > 32_767n) throw illegal(`Value out of range. Value:"${asked}" Radix:10`);
  return { before, size: Math.max(5, Math.min(100, Number(size))) };
}

function javaNumber(text: string, most: bigint): bigint {
  const value = /^[+-]?[0-9]+$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  if (value === undefined || value > most || value < -most - 1n) {
    throw illegal(`For input string: "${text}"`, 'java.lang.NumberFormatException');
  }
  return value;
}
