using MemoryAspire.Postgres;
using MemoryAspire.Reconciler.Erasing;
using MemoryAspire.Reconciler.Expiring;
using MemoryAspire.Reconciler.Following;
using MemoryAspire.Reconciler.Leading;
using MemoryAspire.Reconciler.Retaining;
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
builder.AddLeader();
builder.AddErasureWork();
builder.AddExpiry();
builder.AddRetention();
builder.AddReconciliationRuns();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
