// Jest's module loader on Node 20 cannot require() an ES module, as @fastify/static does with content-disposition.
// The tests download no file under a name of its own.
module.exports = {
  create: () => {
    throw new Error('Downloads are not available under test.');
  },
};
