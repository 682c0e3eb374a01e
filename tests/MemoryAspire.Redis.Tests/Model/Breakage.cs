using MemoryAspire.Redis.Scripts;

namespace MemoryAspire.Redis.Tests.Model;

/// <summary>What is done wrong on purpose, to show that the simulation would notice.</summary>
public enum Breakage
{
    None,

    /// <summary>Prepare does nothing.</summary>
    NoIntents,

    /// <summary>Intents are released with the first partition.</summary>
    ReleaseEarly,

    /// <summary>A reader asks for the value before it asks for the intent.</summary>
    ValueBeforeIntent,

    /// <summary>A reader asks for the value before it asks what is applied.</summary>
    ValueBeforeControl,

    /// <summary>A reader takes values of epochs that have ended.</summary>
    OldEpochsCount,

    /// <summary>apply writes a late event where the key is absent.</summary>
    LateEventsWrite,

    /// <summary>apply replaces a newer version.</summary>
    OlderVersionsApply,

    /// <summary>apply passes a gap.</summary>
    GapsArePassed,

    /// <summary>fill does not compare the reader's head with what was met.</summary>
    FillsAreNotRefused,

    /// <summary>begin wants no nonce.</summary>
    EpochsAreNotFenced,
}

/// <summary>The scripts with a rule left out.</summary>
internal static class BrokenScripts
{
    public static ScriptSet Of(Breakage breakage)
    {
        var scripts = ScriptSet.Shipped;
        return breakage switch
        {
            Breakage.LateEventsWrite => scripts with { Apply = Without(scripts.Apply, ("elseif current or position > seen then", "else")) },
            Breakage.OlderVersionsApply => scripts with
            {
                Apply = Without(scripts.Apply, ("if not current or tonumber(held[2]) < tonumber(ARGV[at + 2]) then", "if true then")),
            },
            Breakage.GapsArePassed => scripts with
            {
                Apply = Without(scripts.Apply, ("if position > applied + 1 then", "if false then"), ("elseif position == applied + 1 then", "elseif position > applied then")),
            },
            Breakage.FillsAreNotRefused => scripts with { Fill = Without(scripts.Fill, (" or tonumber(control[3]) > tonumber(ARGV[2])", "")) },
            Breakage.EpochsAreNotFenced => scripts with { Begin = Without(scripts.Begin, ("redis.call('GET', KEYS[2]) ~= ARGV[1] or ", "")) },
            _ => scripts,
        };
    }

    /// <summary>The rules as they stand in the script, so that one that is written anew is not left out in vain.</summary>
    private static string Without(string script, params (string Rule, string Instead)[] rules)
    {
        foreach (var (rule, instead) in rules)
        {
            Assert.Contains(rule, script, StringComparison.Ordinal);
            script = script.Replace(rule, instead, StringComparison.Ordinal);
        }

        return script;
    }
}
