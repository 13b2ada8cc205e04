// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What a Safe (1.5.0) of the house lets through, whoever has signed it: coins to somebody, ERC-20's `transfer`, and a spare
/// that the Safe was born with in an owner's place. Everything else is refused, for good: a stranger as owner, a delegatecall,
/// a refund, an approval, a module, a call to the Safe about its own guard, modules, fallback handler, threshold or number of
/// owners.
/// Each Safe has one of its own, whose code names its spares. It stores nothing and calls nobody, so what it lets through
/// today it lets through always, and nobody can turn it.
/// docs/decisions/0028-the-safe-and-its-guard.md, docs/decisions/0039-only-spares-become-owners.md
contract KuramoriGuard {
    error DelegateCallRefused(uint8 operation);
    error RefundRefused();
    error SignatureRefused(uint256 index);
    error CoinsWithCallRefused();
    error OwnAffairsRefused(bytes4 selector);
    error StrangerRefused(address owner);
    error OtherPlaceRefused(address leaving, address coming);
    error CallRefused(bytes4 selector);
    error ModuleRefused(address module);
    error TooManyKeys(uint256 keys);

    // Who may become an owner; nobody stands where there are fewer. Solidity has no lists that are part of the code.
    address private immutable spare0;
    address private immutable spare1;
    address private immutable spare2;
    address private immutable spare3;
    address private immutable spare4;
    address private immutable spare5;
    address private immutable spare6;
    address private immutable spare7;
    // Owners and spares whose keys are in vaults, where the Safe has both kinds: they take each other's places only.
    address private immutable vault0;
    address private immutable vault1;
    address private immutable vault2;
    address private immutable vault3;
    address private immutable vault4;
    address private immutable vault5;
    address private immutable vault6;
    address private immutable vault7;

    /// transfer(address,uint256)
    bytes4 private constant TRANSFER = 0xa9059cbb;
    /// swapOwner(address,address,address)
    bytes4 private constant SWAP_OWNER = 0xe318b52b;

    constructor(address[] memory spares, address[] memory vaults) {
        if (spares.length > 8) revert TooManyKeys(spares.length);
        if (vaults.length > 8) revert TooManyKeys(vaults.length);
        spare0 = keyAt(spares, 0);
        spare1 = keyAt(spares, 1);
        spare2 = keyAt(spares, 2);
        spare3 = keyAt(spares, 3);
        spare4 = keyAt(spares, 4);
        spare5 = keyAt(spares, 5);
        spare6 = keyAt(spares, 6);
        spare7 = keyAt(spares, 7);
        vault0 = keyAt(vaults, 0);
        vault1 = keyAt(vaults, 1);
        vault2 = keyAt(vaults, 2);
        vault3 = keyAt(vaults, 3);
        vault4 = keyAt(vaults, 4);
        vault5 = keyAt(vaults, 5);
        vault6 = keyAt(vaults, 6);
        vault7 = keyAt(vaults, 7);
    }

    function keyAt(address[] memory keys, uint256 index) private pure returns (address) {
        return index < keys.length ? keys[index] : address(0);
    }

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
            checkOwners(data);
        } else if (selector != TRANSFER || data.length != 68) revert CallRefused(selector);
    }

    /// Whoever holds enough keys to ask for this holds no spare, so no place becomes his. And as many owners stay online as were,
    /// or what goes home would be valid by too few of ours.
    function checkOwners(bytes calldata data) private view {
        (, address leaving, address coming) = abi.decode(data[4:], (address, address, address));
        if (coming == address(0) || !isSpare(coming)) revert StrangerRefused(coming);
        if (isInVault(leaving) != isInVault(coming)) revert OtherPlaceRefused(leaving, coming);
    }

    function isSpare(address key) private view returns (bool) {
        return
            key == spare0 ||
            key == spare1 ||
            key == spare2 ||
            key == spare3 ||
            key == spare4 ||
            key == spare5 ||
            key == spare6 ||
            key == spare7;
    }

    function isInVault(address key) private view returns (bool) {
        return
            key == vault0 ||
            key == vault1 ||
            key == vault2 ||
            key == vault3 ||
            key == vault4 ||
            key == vault5 ||
            key == vault6 ||
            key == vault7;
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
