/** The tracer: follows stolen money by declared rules, exactly, and takes a block back when the chain does. No I/O, no clock. */
export { applyAll, applyBlock, undoBlock } from './apply.ts';
export { openLoader, type Loaded, type Streamed } from './bulk/columns.ts';
export { applyBulk } from './bulk/state.ts';
export { traceColumns } from './bulk/trace.ts';
export { caseOf, type Case, type CaseGiven } from './case.ts';
export { checkExport } from './check.ts';
export { TracerError } from './error.ts';
export { exportOf, type Exported } from './export.ts';
export { readHeist, type Labelled } from './import/heist.ts';
export { readLaunder } from './import/launder.ts';
export { readSanctions } from './import/sanctions.ts';
export { readTagPack } from './import/tagpack.ts';
export { pathTo, type Step } from './path.ts';
export { resultOf, type Place, type Result } from './result.ts';
export { ruleOf } from './rules/of.ts';
export { ruleNames, type RuleName } from './rules/rule.ts';
export { scoreFlow, scoreNodes } from './score.ts';
export { bare, investigator, type Setting } from './setting.ts';
export { openState, type State } from './state.ts';
export type { Tag } from './tag.ts';
export {
  applyUtxo,
  openUtxo,
  stealOutput,
  type OutputOrder,
  type UtxoState,
  type UtxoStep,
  type UtxoTransaction,
} from './utxo.ts';
