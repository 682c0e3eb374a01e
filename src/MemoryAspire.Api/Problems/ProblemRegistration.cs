namespace MemoryAspire.Api.Problems;

internal static class ProblemRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddProblems() => builder.Services.AddProblemDetails().AddExceptionHandler<ProblemHandler>();
    }
}
