using MemoryAspire.Coordination;
using MemoryAspire.Postgres;
using MemoryAspire.Reconciler.Erasing;
using MemoryAspire.Reconciler.Expiring;
using MemoryAspire.Reconciler.Following;
using MemoryAspire.Reconciler.Leading;
using MemoryAspire.Reconciler.Runs;
using MemoryAspire.Redis;
using MemoryAspire.ServiceDefaults;
using MemoryAspire.ServiceDefaults.Stores;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgresStore();
builder.AddRedisStore();
builder.AddEpisodicMemory();
builder.AddWorkingMemory();
builder.AddRedisFollower();
builder.AddIndexClient();
builder.AddCoordination();
builder.AddLeader();
builder.AddReconciliationRuns();
builder.AddErasureWork();
builder.AddExpiry();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
