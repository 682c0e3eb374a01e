using MemoryAspire.TestStores;

[assembly: AssemblyFixture(typeof(StoresFixture))]
