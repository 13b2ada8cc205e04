import type { Hono } from 'hono';
import { rowJson } from './block-json.ts';
import { broken, illegal, notFound } from '../wire/failure.ts';
import type { Json } from './json.ts';
import type { Announced, NodeCore } from '../node.ts';
import { bodyOf, bytesField, errorReply, hexBytes, reply } from './reply.ts';
import { verdictName } from '../rules/verdict.ts';

/** TransactionController */
export function transactionRoutes(app: Hono, node: NodeCore): void {
  app.post('/transaction/announce', async (context) => {
    const fields = await bodyOf(context);
    const data = bytesField(fields, 'data');
    return reply(announcedJson(node.announce(data, bytesField(fields, 'signature'))));
  });

  app.get('/transaction/get', (context) => {
    const hash = readHash(context.req.query('hash'));
    const height = node.chain.hashes.heightOf(hash);
    if (height === undefined) throw illegal('Hash was not found in cache');
    const row = node.chain.history.find(hash);
    if (row === undefined)
      throw notFound('transaction not found in the db', hash, 'class org.nem.core.crypto.Hash');
    return reply(rowJson(row));
  });

  // The real one takes a private key over HTTP. Whoever calls this by mistake shall find out here.
  const refuse = () =>
    errorReply(node, 403, 'the devnet refuses to read a private key: sign, and use /transaction/announce');
  app.post('/transaction/prepare-announce', refuse);
  app.post('/transaction/prepare', refuse);
}

/** NemAnnounceResult */
function announcedJson({ verdict, transaction }: Announced): Json {
  return {
    type: 1,
    code: verdict,
    message: verdictName[verdict],
    innerTransactionHash: transaction.kind === 'multisig' ? { data: transaction.inner.hash } : {},
    transactionHash: { data: transaction.hash },
  };
}

/** Hash.fromHexString, whose CryptoException is a 500. */
export function readHash(text: string | undefined): string {
  if (text === undefined) throw broken('null', 'java.lang.NullPointerException');
  try {
    return hexBytes(text).toHex();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : '';
    throw broken(`java.lang.IllegalArgumentException: ${message}`, 'org.nem.core.crypto.CryptoException');
  }
}
