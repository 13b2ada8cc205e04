// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface Token {
    function balanceOf(address owner) external view returns (uint256);
    function transfer(address to, uint256 units) external returns (bool);
}

/// A customer's deposit address. Whatever comes here can go to one Safe and nowhere else, and anybody may send it on:
/// there is no key, no owner, no way to change or to end it, and nothing stored that somebody could turn.
/// docs/decisions/0029-deposit-addresses-on-ethereum.md
contract Forwarder {
    /// Part of the code, so also of the address that CREATE2 gives (EIP-1014).
    address private immutable SAFE;

    error CoinsRefused();
    error TokenRefused(address token);

    constructor(address safe) {
        SAFE = safe;
    }

    /// Nothing is done or told here, so that a sender with 2,300 gas can pay.
    receive() external payable {}

    /// Sends all of a token, or of the chain's own coin (token 0), to the Safe. Nothing there: nothing happens, so that
    /// strangers cannot have us write transfers of nothing.
    function flush(address token) external {
        if (token == address(0)) {
            uint256 coins = address(this).balance;
            if (coins == 0) return;
            (bool sent, ) = SAFE.call{value: coins}("");
            if (!sent) revert CoinsRefused();
            return;
        }
        uint256 units = Token(token).balanceOf(address(this));
        if (units == 0) return;
        (bool called, bytes memory answer) = token.call(abi.encodeCall(Token.transfer, (SAFE, units)));
        // ERC-20 tokens answer true, or as USDT does nothing at all. An answer of false is a transfer that did not happen.
        if (!called || (answer.length != 0 && !abi.decode(answer, (bool)))) revert TokenRefused(token);
    }
}
