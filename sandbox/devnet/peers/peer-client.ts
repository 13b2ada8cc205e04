import { z } from 'zod';

/** What nodes of a devnet say to each other, under /devnet/peer; it is ours, not NIS's. */
export const Tip = z.strictObject({
  height: z.int().min(1),
  hash: z.string(),
  score: z.string().regex(/^[0-9]+$/),
  genesis: z.string(),
});
export const Hashes = z.strictObject({ from: z.int().min(1), hashes: z.array(z.string()) });
/** Signed bytes in hex: of blocks, or of transactions with all their cosignatures. */
export const Items = z.strictObject({ items: z.array(z.string().regex(/^([0-9a-f]{2})*$/)).max(5_000) });

const timeoutMs = 5_000;

/** A request to a peer; undefined where it is unreachable, refuses, or answers something else. */
export async function ask<T>(
  url: string,
  path: string,
  schema: z.ZodType<T>,
  body?: unknown,
): Promise<T | undefined> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { 'content-type': 'application/json' };
    const post = { method: 'POST', headers, body: JSON.stringify(body), signal };
    const response = await fetch(new URL(path, url), body === undefined ? { signal } : post);
    return schema.safeParse(await response.json()).data;
  } catch {
    return undefined;
  }
}
