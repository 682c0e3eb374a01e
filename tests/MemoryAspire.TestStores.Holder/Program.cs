using MemoryAspire.TestStores;

await using var postgres = await PostgresServer.StartAsync();
await using var redis = await RedisServer.StartAsync();
Console.WriteLine($"{postgres.ProcessId} {redis.ProcessId}");
await Console.In.ReadLineAsync();
