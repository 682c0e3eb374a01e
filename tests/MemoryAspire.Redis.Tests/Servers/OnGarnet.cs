using MemoryAspire.Redis.Tests.Model;

namespace MemoryAspire.Redis.Tests.Servers;

[Collection(OnGarnet.Name)]
public sealed class ApplyOnGarnetTests(GarnetFixture garnet) : ApplyTests(garnet);

[Collection(OnGarnet.Name)]
public sealed class IntentOnGarnetTests(GarnetFixture garnet) : IntentTests(garnet);

[Collection(OnGarnet.Name)]
public sealed class WorkingMemoryOnGarnetTests(GarnetFixture garnet) : WorkingMemoryTests(garnet);

[Collection(OnGarnet.Name)]
public sealed class ValueRemovalOnGarnetTests(GarnetFixture garnet) : ValueRemovalTests(garnet);

[Collection(OnGarnet.Name)]
public sealed class SessionStoreOnGarnetTests(GarnetFixture garnet) : SessionStoreTests(garnet);

[Collection(OnGarnet.Name)]
public sealed class ModelOnGarnetTests(GarnetFixture garnet) : ModelTests(garnet);
