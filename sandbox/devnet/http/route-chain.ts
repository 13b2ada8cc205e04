import type { Hono } from 'hono';
import { blockJson, explorerBlockJson } from './block-json.ts';
import { broken, notFound } from '../wire/failure.ts';
import type { NodeCore } from '../node.ts';
import { reply } from './reply.ts';
import { bodyOf, heightField } from './request.ts';

const heightClass = 'org.nem.core.model.primitive.BlockHeight';
const explorer = 'org.nem.nis.controller.BlockExplorerController';
const view = 'org.nem.nis.controller.viewmodels.ExplorerBlockViewModel';
const methods = {
  blockAt: `org.nem.core.model.Block org.nem.nis.controller.BlockController.blockAt(${heightClass})`,
  blocksAfter: `org.nem.core.serialization.SerializableList<${view}> ${explorer}.localBlocksAfter(${heightClass})`,
  localBlockAt: `${view} ${explorer}.localBlockAt(${heightClass})`,
} as const;
const explorerBlocks = 10; // BlockExplorerController.BLOCKS_LIMIT

/** ChainController, BlockController, BlockExplorerController */
export function chainRoutes(app: Hono, node: NodeCore): void {
  const { chain } = node;
  app.get('/chain/height', () => reply({ height: chain.height() }));
  app.get('/chain/last-block', () => reply(blockJson(chain.last().block)));
  app.get('/chain/score', () => reply({ score: javaHex(chain.last().score) }));

  app.post('/block/at/public', async (context) => {
    const height = heightField(await bodyOf(context, methods.blockAt));
    const link = chain.at(height);
    if (link === undefined)
      throw notFound('block not found in the db', `${height}`, 'org.nem.core.model.Block');
    return reply(blockJson(link.block));
  });
  app.post('/local/chain/blocks-after', async (context) => {
    const height = heightField(await bodyOf(context, methods.blocksAfter));
    const links = Array.from({ length: explorerBlocks }, (_, at) => chain.at(height + 1 + at));
    return reply({ data: links.filter((link) => link !== undefined).map(explorerBlockJson) });
  });
  app.post('/local/block/at', async (context) => {
    const link = chain.at(heightField(await bodyOf(context, methods.localBlockAt)));
    if (link === undefined) throw broken('null', 'java.lang.NullPointerException');
    return reply(explorerBlockJson(link));
  });
}

// BigInteger.toByteArray has a sign bit, and so sometimes a zero byte in front.
function javaHex(value: bigint): string {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even;
}
