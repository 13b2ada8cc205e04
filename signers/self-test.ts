/**
 * A signer's own signatures, tested: at its start, and each before it leaves. Deterministic signatures have no nonces to
 * choose, so a wrong one means a broken machine or altered code, and whoever gets to see it may compute the key.
 */
import { signText, verifyText } from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import { Misconfigured } from '@kuramori/program';
import type { Entrusted, Keys, Opened } from './keystore.ts';
import { biasedNonces, enoughNonces, repeatedNonce, tellFlaw } from './nonces.ts';

/** Throws where a signature is not the one that key and bytes give: the process must end, and nothing leave it. */
export function mustBeDerived(keys: Keys, plan: string, share: string, signature: string): void {
  if (!keys.chain.isDerived(plan, share, signature))
    throw new Error('self-test: a signature was not made with its derived nonce: it is kept back');
}

type Sign = (message: string) => string;

export interface Signing {
  readonly chain: Sign;
  readonly record: Sign;
}

/**
 * Signs enough messages with the keys that are here, none of which means anything on the chain or in a journal, and throws Misconfigured
 * where one signature is not deterministic, does not verify, or shows a bad nonce. Takes half a second at most.
 */
export function selfTest(keys: Keys | Entrusted, signing: Partial<Signing> = {}): void {
  const messages = Array.from({ length: enoughNonces }, (_, index) =>
    Buffer.from(`kuramori self-test ${index}`).toString('hex'),
  );
  const { record = (text) => signText(keys.record, 'journal-entry', text) } = signing;
  // Where the chain key is elsewhere nobody here sees a nonce of it.
  const ofChain = 'chain' in keys ? chainFlaw(keys, messages, signing.chain ?? keys.chain.rehearse) : null;
  const flaw = ofChain ?? recordFlaw(keys, messages, record);
  if (flaw !== null)
    throw new Misconfigured(
      `self-test: ${flaw}: this machine or its code must not sign. Nothing was let go; find out why, elsewhere, before this key is used again`,
    );
}

function chainFlaw({ chain, on }: Keys, messages: readonly string[], sign: Sign): string | null {
  const signed = messages.map((message) => ({ message, ...chain.inspect(message, sign(message)) }));
  const flaw =
    repeatedNonce(signed) ??
    biasedNonces(
      signed.map(({ nonce }) => nonce),
      codecOf(on.chain).nonceBits,
    );
  if (flaw) return `chain key: ${tellFlaw(flaw)}`;
  const odd = signed.findIndex(({ derived }) => !derived);
  return odd < 0 ? null : `chain key: signature ${odd + 1} was not made with its derived nonce`;
}

/** The record key's seed is OpenSSL's alone by now, so its nonces cannot be computed: only compared. */
function recordFlaw(keys: Opened, messages: readonly string[], sign: Signing['record']): string | null {
  const signed = messages.map((message) => ({ message, signature: sign(message) }));
  const flaw = repeatedNonce(
    signed.map(({ message, signature }) => ({ message, point: signature.slice(0, 64) })),
  );
  if (flaw) return `record key: ${tellFlaw(flaw)}`;
  const [first] = signed;
  if (first && sign(first.message) !== first.signature) return 'record key: one message gave two signatures';
  const odd = signed.findIndex(
    ({ message, signature }) => !verifyText(keys.record.publicKey, 'journal-entry', message, signature),
  );
  return odd < 0 ? null : `record key: signature ${odd + 1} does not verify`;
}
