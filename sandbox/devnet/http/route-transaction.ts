import type { Hono } from 'hono';
import { rowJson } from './block-json.ts';
import { illegal, notFound } from '../wire/failure.ts';
import type { Json } from './json.ts';
import type { Announced, NodeCore } from '../node.ts';
import { errorReply, reply } from './reply.ts';
import { bodyOf, bytesField, hexParameter, parameter } from './request.ts';
import { verdictName } from '../rules/verdict.ts';

const announceMethod =
  'org.nem.core.model.ncc.NemAnnounceResult org.nem.nis.controller.TransactionController.transactionAnnounce(org.nem.core.model.ncc.RequestAnnounce)';

/** TransactionController */
export function transactionRoutes(app: Hono, node: NodeCore): void {
  app.post('/transaction/announce', async (context) => {
    const fields = await bodyOf(context, announceMethod);
    const data = bytesField(fields, 'data');
    return reply(announcedJson(node.announce(data, bytesField(fields, 'signature'))));
  });

  app.get('/transaction/get', (context) => {
    const hash = hexParameter(parameter(context, 'hash')).toHex();
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
