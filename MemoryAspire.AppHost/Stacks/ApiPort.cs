using System.Globalization;
using MemoryAspire.AppHost.NativePrograms;

namespace MemoryAspire.AppHost.Stacks;

internal static class ApiPort
{
    public const string Variable = "MEMORY_API_PORT";

    private const int Usual = 5180;

    /// <summary>The port that was asked for; 0 or "random" asks for any free one.</summary>
    public static int Choose(string? asked)
    {
        if (asked is "0" or "random") return FreePort.Next();
        var port = Usual;
        if (!string.IsNullOrWhiteSpace(asked) && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65_535))
            throw new StackProblem($"{Variable} is '{asked}', which is not a port. Use a number from 1 to 65535, or 0 for any free port.");
        return FreePort.IsFree(port)
            ? port
            : throw new StackProblem($"The port {port} of memory-api is taken by another program. Set {Variable} to another port.");
    }
}
