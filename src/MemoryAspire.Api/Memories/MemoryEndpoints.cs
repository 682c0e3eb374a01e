using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Embedding;
using MemoryAspire.Api.Erasure;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Embeddings;

namespace MemoryAspire.Api.Memories;

/// <summary>Memories one at a time, and as a list.</summary>
internal static class MemoryEndpoints
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddMemories()
        {
            builder.Services.AddOptions<DedupeOptions>().BindConfiguration(DedupeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddOptions<EmbeddingAbsenceOptions>().BindConfiguration(EmbeddingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddHostedService<LateEmbeddings>();
            builder.Services.AddSingleton<MemoryReads>().AddSingleton<TextEmbedder>()
                .AddSingleton<OperationMaker>().AddSingleton<CreateBatch>().AddSingleton<DeleteMemories>();
        }
    }

    extension(IEndpointRouteBuilder app)
    {
        public void MapMemories()
        {
            var memories = app.MapGroup("/v1/memories").WithTags("Memories");
            memories.MapPost("/", CreateMemory.HandleAsync).RequireAuthorization(Grants.Write).WithName("createMemory")
                .Accepts<CreateBody>("application/json").Produces<WrittenMemory>(201).Produces<WrittenMemory>().ProducesProblem(409).ProducesProblem(422).Describe();
            memories.MapPost("/batch", CreateBatch.HandleAsync).RequireAuthorization(Grants.Write).WithName("createMemories")
                .Accepts<BatchBody>("application/json").Produces<BatchAnswer>(207).ProducesProblem(409).ProducesProblem(422).Describe();
            memories.MapPatch("/{id}", UpdateMemory.HandleAsync).RequireAuthorization(Grants.Write).WithName("updateMemory")
                .Accepts<UpdateBody>("application/json", "application/merge-patch+json").Produces<WrittenMemory>()
                .ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422).Describe();
            memories.MapPost("/{id}/revert", RevertMemory.HandleAsync).RequireAuthorization(Grants.Write).WithName("revertMemory")
                .Accepts<RevertBody>("application/json").Produces<WrittenMemory>()
                .ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422).Describe();
            memories.MapGet("/", ListMemories.HandleAsync).RequireAuthorization(Grants.Read).WithName("listMemories")
                .Produces<MemoryList>().Describe();
            memories.MapGet("/{id}", GetMemory.HandleAsync).RequireAuthorization(Grants.Read).WithName("getMemory")
                .Produces<Memory>().ProducesProblem(404).Describe();
            memories.MapDelete("/", DeleteMemories.HandleAsync).RequireAuthorization(Grants.Write).WithName("deleteMemories")
                .Produces<DeletedMemories>().Produces<ErasureReceipt>(202).ProducesProblem(409).ProducesProblem(422).Describe();
            memories.MapDelete("/{id}", DeleteMemory.HandleAsync).RequireAuthorization(Grants.Write).WithName("deleteMemory")
                .Produces<ErasureReceipt>().Produces<ErasureReceipt>(202).Produces(204).ProducesProblem(404).ProducesProblem(412).Describe();
            app.MapPost("/v1/transactions", WriteTransactions.HandleAsync).RequireAuthorization(Grants.Write).WithTags("Transactions").WithName("writeTransaction")
                .Accepts<TransactionBody>("application/json").Produces<TransactionAnswer>()
                .ProducesProblem(409).ProducesProblem(412).ProducesProblem(422).Describe();
        }
    }

    private static void Describe(this RouteHandlerBuilder endpoint) =>
        endpoint.ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
}
