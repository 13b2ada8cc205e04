/** Stryker's plugin: what is written for people is not mutated. No test reads the letters of a sentence; each reads the reason beside it. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** A text of several words; reasons, kinds and fields are one word each, and are mutated. */
function isSentence(node) {
  if (node.type === 'StringLiteral') return node.value.includes(' ');
  if (node.type !== 'TemplateLiteral') return false;
  return node.quasis.some(({ value }) => value.raw.includes(' '));
}

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'sentences', {
    shouldIgnore: ({ node }) => (isSentence(node) ? 'a sentence for people' : undefined),
  }),
];
