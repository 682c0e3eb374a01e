using MemoryAspire.Redis.Tests.Model;
using MemoryAspire.TestStores;

namespace MemoryAspire.Redis.Tests.Servers;

public sealed class ApplyOnRedisTests(StoresFixture stores) : ApplyTests(new RealRedis(stores));

public sealed class IntentOnRedisTests(StoresFixture stores) : IntentTests(new RealRedis(stores));

public sealed class WorkingMemoryOnRedisTests(StoresFixture stores) : WorkingMemoryTests(new RealRedis(stores));

public sealed class ValueRemovalOnRedisTests(StoresFixture stores) : ValueRemovalTests(new RealRedis(stores));

public sealed class SessionStoreOnRedisTests(StoresFixture stores) : SessionStoreTests(new RealRedis(stores));

public sealed class ModelOnRedisTests(StoresFixture stores) : ModelTests(new RealRedis(stores));
