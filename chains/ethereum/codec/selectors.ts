/** Selectors: which calls a refusal can name. What is in no list is refused as well, by its four bytes. */
import { selectorOf } from './abi.ts';

export const transferSelector = selectorOf('transfer(address,uint256)');
export const swapOwnerSelector = selectorOf('swapOwner(address,address,address)');

/** What thieves have had signed, or what would let them sign for us later: EIP-20, EIP-2612, ERC-721 and the usual others. */
const others = [
  'approve(address,uint256)',
  'increaseAllowance(address,uint256)',
  'decreaseAllowance(address,uint256)',
  'permit(address,address,uint256,uint256,uint8,bytes32,bytes32)',
  'transferFrom(address,address,uint256)',
  'transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)',
  'transferAndCall(address,uint256,bytes)',
  'send(address,uint256,bytes)',
  'authorizeOperator(address)',
  'burn(uint256)',
  'setApprovalForAll(address,bool)',
  'safeTransferFrom(address,address,uint256)',
  'safeTransferFrom(address,address,uint256,bytes)',
  'safeTransferFrom(address,address,uint256,uint256,bytes)',
  'multicall(bytes[])',
  'multiSend(bytes)',
  'upgradeTo(address)',
  'upgradeToAndCall(address,bytes)',
  'transferOwnership(address)',
  // A Safe's own.
  'addOwnerWithThreshold(address,uint256)',
  'removeOwner(address,address,uint256)',
  'changeThreshold(uint256)',
  'enableModule(address)',
  'disableModule(address,address)',
  'setGuard(address)',
  'setModuleGuard(address)',
  'setFallbackHandler(address)',
  'approveHash(bytes32)',
  'signMessage(bytes)',
  'setup(address[],uint256,address,bytes,address,address,uint256,address)',
  'execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)',
  'execTransactionFromModule(address,uint256,bytes,uint8)',
  'execTransactionFromModuleReturnData(address,uint256,bytes,uint8)',
  'simulateAndRevert(address,bytes)',
  // What Bybit's and WazirX's thieves called once the proxy was theirs.
  'sweepETH(address)',
  'sweepERC20(address,address)',
] as const;

const names: ReadonlyMap<string, string> = new Map(
  ['transfer(address,uint256)', 'swapOwner(address,address,address)', ...others].map((signature) => [
    selectorOf(signature),
    signature.slice(0, signature.indexOf('(')),
  ]),
);

/** `approve`, or `an unknown function (0x…)`. */
export function nameOf(selector: string): string {
  return names.get(selector) ?? `an unknown function (0x${selector})`;
}
