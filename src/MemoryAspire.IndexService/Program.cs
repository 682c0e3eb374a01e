using MemoryAspire.IndexService.Following;
using MemoryAspire.IndexService.Hosting;
using MemoryAspire.IndexService.Http;
using MemoryAspire.IndexService.Protocol;
using MemoryAspire.IndexService.Repairing;
using MemoryAspire.Postgres;
using MemoryAspire.ServiceDefaults;
using MemoryAspire.ServiceDefaults.Stores;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgresStore();
builder.AddEpisodicMemory();
builder.AddIndex();
builder.AddIndexFollower();
builder.AddIndexProtocol();
builder.AddIndexRepair();
builder.AddBothHttpVersions();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapIndexProtocol();
app.MapIndexRepair();
app.Run();
