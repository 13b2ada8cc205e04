// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Forwarder} from "./Forwarder.sol";

/// Makes forwarders where they were foretold. It stores nothing and belongs to nobody: one on each chain serves all Safes,
/// since the Safe is in the address of each forwarder.
contract ForwarderFactory {
    struct Flush {
        bytes32 salt;
        /// 0: the chain's own coin.
        address token;
    }

    /// Sends on what came to forwarders of a Safe, and makes those that are not there yet.
    function sweep(address safe, Flush[] calldata flushes) external {
        bytes32 code = codeHash(safe);
        for (uint256 i = 0; i < flushes.length; ++i) {
            address forwarder = placeOf(code, flushes[i].salt);
            if (forwarder.code.length == 0) new Forwarder{salt: flushes[i].salt}(safe);
            Forwarder(payable(forwarder)).flush(flushes[i].token);
        }
    }

    function forwarderOf(address safe, bytes32 salt) external view returns (address) {
        return placeOf(codeHash(safe), salt);
    }

    function codeHash(address safe) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(type(Forwarder).creationCode, abi.encode(safe)));
    }

    /// EIP-1014.
    function placeOf(bytes32 code, bytes32 salt) private view returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, code)))));
    }
}
