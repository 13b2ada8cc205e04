/** Address: from where a request came, and whether its key may be used from there. What cannot be told is refused. */
import { BlockList, isIP } from 'node:net';
import type { ExchangeKey } from '@kuramori/core';
import { z } from 'zod';

/**
 * Who tells us the caller's address. `connection`: the connection itself. `forwarded`: the TLS terminator on this
 * machine, by X-Forwarded-For, to which each proxy of ours appends the address that called it: the caller's is the
 * `proxies`th from the right. What stands further left is the caller's own word, and is not looked at.
 */
export const CallerAddress = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('connection') }),
  z.strictObject({ kind: z.literal('forwarded'), proxies: z.int().min(1).max(5) }),
]);
export type CallerAddress = z.infer<typeof CallerAddress>;

export type Caller =
  | { readonly kind: 'from'; readonly address: string }
  | { readonly kind: 'untold'; readonly field: string; readonly why: string };

const forwardedHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const;

export function callerOf(
  by: CallerAddress,
  connection: string | undefined,
  header: (name: string) => string | undefined,
): Caller {
  if (by.kind === 'connection') {
    // Somebody stands between, and the configuration does not know it: every caller would look like that one.
    const found = forwardedHeaders.find((name) => header(name) !== undefined);
    if (found !== undefined)
      return {
        kind: 'untold',
        field: found,
        why: 'custody is configured to be called directly: set callerAddress to forwarded where a proxy of yours stands between',
      };
    if (connection === undefined)
      return { kind: 'untold', field: 'address', why: 'the connection does not tell it' };
    return { kind: 'from', address: connection };
  }
  const told = (header('x-forwarded-for') ?? '').split(',').at(-by.proxies)?.trim() ?? '';
  if (isIP(told) === 0)
    return {
      kind: 'untold',
      field: 'x-forwarded-for',
      why: `must have an address in place ${by.proxies} from the right: every proxy of yours must append the one that called it`,
    };
  return { kind: 'from', address: told };
}

const ranges = new WeakMap<ExchangeKey, BlockList>();

/** Whether an address lies in one of the key's ranges. An IPv4 address written as IPv6 (::ffff:…) is the IPv4 one. */
export function mayComeFrom(key: ExchangeKey, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && rangesOf(key).check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function rangesOf(key: ExchangeKey): BlockList {
  const known = ranges.get(key);
  if (known) return known;
  const made = new BlockList();
  for (const range of key.addresses) {
    const [address = '', length] = range.split('/');
    made.addSubnet(address, Number(length), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  ranges.set(key, made);
  return made;
}
