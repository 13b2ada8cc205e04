/** The HSM's process, where there is one. Loaded only then: it brings a client of HTTP, which the other steps need not read. */
import type { KeyService } from '../key-service.ts';

export async function serviceOf(hsm: { readonly socket: string } | undefined): Promise<KeyService | null> {
  if (!hsm) return null;
  const { askHsm } = await import('../hsm/ask.ts');
  return askHsm(hsm.socket);
}
