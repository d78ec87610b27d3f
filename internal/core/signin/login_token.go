package signin

// loginTokenPrefix and loginTokenRandom are the form of T-43.
const ()
