// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface Flushes {
    function flush(address token) external;
}

/// Tokens as they are met: each moves its units in its own way.
abstract contract Units {
    mapping(address => uint256) public balanceOf;
    event Transfer(address indexed from, address indexed to, uint256 units);

    function mint(address to, uint256 units) external {
        balanceOf[to] += units;
        emit Transfer(address(0), to, units);
    }

    function move(address from, address to, uint256 units) internal {
        balanceOf[from] -= units;
        balanceOf[to] += units;
        emit Transfer(from, to, units);
    }
}

/// As ERC-20 says, as far as units are one's own.
abstract contract PlainUnits is Units {
    function transfer(address to, uint256 units) external returns (bool) {
        move(msg.sender, to, units);
        return true;
    }
}

/// As ERC-20 says.
contract PlainToken is Units {
    mapping(address => mapping(address => uint256)) public allowance;

    function transfer(address to, uint256 units) external returns (bool) {
        move(msg.sender, to, units);
        return true;
    }

    function approve(address spender, uint256 units) external returns (bool) {
        allowance[msg.sender][spender] = units;
        return true;
    }

    function transferFrom(address from, address to, uint256 units) external returns (bool) {
        allowance[from][msg.sender] -= units;
        move(from, to, units);
        return true;
    }
}

/// As USDT: answers nothing.
contract SilentToken is Units {
    function transfer(address to, uint256 units) external {
        move(msg.sender, to, units);
    }
}

/// Answers false, and does nothing.
contract FalseToken is Units {
    function transfer(address, uint256) external pure returns (bool) {
        return false;
    }
}

/// Keeps a hundredth of each transfer.
contract TaxedToken is Units {
    function transfer(address to, uint256 units) external returns (bool) {
        move(msg.sender, address(this), units / 100);
        move(msg.sender, to, units - units / 100);
        return true;
    }
}

/// Calls whoever transfers again, in the middle of the transfer.
contract ReenteringToken is Units {
    uint256 public entered;

    function transfer(address to, uint256 units) external returns (bool) {
        ++entered;
        if (entered == 1) {
            Flushes(msg.sender).flush(address(this));
            Flushes(msg.sender).flush(address(0));
            // The inner one has moved them.
            return true;
        }
        move(msg.sender, to, units);
        return true;
    }
}

/// Six decimals, as USDC and USDT have.
contract SixDecimals is PlainUnits {
    uint8 public constant decimals = 6;
}

/// Keeps a hundredth of each transfer, and tells of the whole.
contract BoastingToken is Units {
    function transfer(address to, uint256 units) external returns (bool) {
        balanceOf[msg.sender] -= units;
        balanceOf[to] += units - units / 100;
        emit Transfer(msg.sender, to, units);
        return true;
    }
}

/// What everybody has changes by itself, and nothing tells.
contract RebasingToken is PlainUnits {
    function rebase(address owner, uint256 units) external {
        balanceOf[owner] = units;
    }
}

/// Tells of transfers that nobody made.
contract ForgingToken is PlainUnits {
    function forge(address from, address to, uint256 units) external {
        emit Transfer(from, to, units);
    }
}
