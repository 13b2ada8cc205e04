// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface GuardManager {
    function setGuard(address guard) external;
    function setModuleGuard(address guard) external;
}

/// What a new Safe delegates to in its `setup`, once, so that there is no moment in which it has owners and no guard.
contract GuardedFromBirth {
    function guardBy(address guard) external {
        // Here `this` is the Safe, so it calls itself: the one caller whom it obeys.
        GuardManager(address(this)).setGuard(guard);
        GuardManager(address(this)).setModuleGuard(guard);
    }
}
