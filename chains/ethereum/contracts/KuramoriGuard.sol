// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What a Safe (1.5.0) of the house lets through, whoever has signed it: coins to somebody, ERC-20's `transfer`, and one
/// owner in another's place. Everything else is refused, for good: a delegatecall, a refund, an approval, a module, a call
/// to the Safe about its own guard, modules, fallback handler, threshold or number of owners.
/// It stores nothing and calls nobody, so what it lets through today it lets through always, and nobody can turn it.
/// docs/decisions/0028-the-safe-and-its-guard.md
contract KuramoriGuard {
    error DelegateCallRefused(uint8 operation);
    error RefundRefused();
    error SignatureRefused(uint256 index);
    error CoinsWithCallRefused();
    error OwnAffairsRefused(bytes4 selector);
    error CallRefused(bytes4 selector);
    error ModuleRefused(address module);

    /// transfer(address,uint256)
    bytes4 private constant TRANSFER = 0xa9059cbb;
    /// swapOwner(address,address,address)
    bytes4 private constant SWAP_OWNER = 0xe318b52b;

    /// ITransactionGuard (Safe 1.5.0). The Safe asks before it calls, after it has checked the signatures.
    function checkTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address payable refundReceiver,
        bytes calldata signatures,
        address
    ) external view {
        if (operation != 0) revert DelegateCallRefused(operation);
        // With gas for the inner call alone a failure would use up the nonce; with a price the Safe would pay somebody.
        if ((safeTxGas | baseGas | gasPrice) != 0 || gasToken != address(0) || refundReceiver != address(0))
            revert RefundRefused();
        checkKinds(signatures);
        // To the Safe itself this does nothing but use up a nonce: how a transaction is cancelled.
        if (data.length == 0) return;
        bytes4 selector = data.length < 4 ? bytes4(0) : bytes4(data[:4]);
        if (value != 0) revert CoinsWithCallRefused();
        if (to == msg.sender) {
            if (selector != SWAP_OWNER || data.length != 100) revert OwnAffairsRefused(selector);
        } else if (selector != TRANSFER || data.length != 68) revert CallRefused(selector);
    }

    /// Only signatures over the transaction's hash itself: hashes approved beforehand, contracts' words and the caller's own
    /// presence leave no signature that the watchers could hold against a signer's journal.
    function checkKinds(bytes calldata signatures) private pure {
        if (signatures.length % 65 != 0) revert SignatureRefused(signatures.length / 65);
        for (uint256 i = 0; i < signatures.length / 65; ++i) {
            uint8 v = uint8(signatures[i * 65 + 64]);
            if (v != 27 && v != 28) revert SignatureRefused(i);
        }
    }

    function checkAfterExecution(bytes32, bool) external pure {}

    /// IModuleGuard (Safe 1.5.0): modules ask no owner.
    function checkModuleTransaction(
        address,
        uint256,
        bytes calldata,
        uint8,
        address module
    ) external pure returns (bytes32) {
        revert ModuleRefused(module);
    }

    function checkAfterModuleExecution(bytes32, bool) external pure {}

    /// IERC165, ITransactionGuard, IModuleGuard.
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0xe6d7a83a || id == 0x58401ed8;
    }
}
