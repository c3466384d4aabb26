// Has the tests, which are processes of their own, try everything: see effort.ts.
process.env.LAIR_TEST_THOROUGH = "1";
